"""The forms that go out: preference rows, tables, the native form."""

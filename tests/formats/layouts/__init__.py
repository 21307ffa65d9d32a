"""Tables after the public layouts of annotation tools, each with what it says beside it; all content is invented."""

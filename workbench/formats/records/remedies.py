"""What to do next, where several readers say the same."""

from __future__ import annotations

from workbench.messages import by, message

ANOTHER_FORMAT = message("Choose another format, or name the columns ", by("mapping", {"FIELD": "COLUMN"}), ".")
OTHER_LABEL = message("If that is wrong, name the label ", by("mapping", {"label": "COLUMN"}), ".")

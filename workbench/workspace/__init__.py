"""What a person works on: stored data sets, imports in progress, the demo."""

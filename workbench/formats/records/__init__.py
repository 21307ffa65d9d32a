"""What readers share: answers, sides, times and rankings inside records."""

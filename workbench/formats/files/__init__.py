"""Files as they come: found, unpacked, decoded, parsed."""

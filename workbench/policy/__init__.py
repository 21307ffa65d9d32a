"""The policy that labels make: fine-tuned on preferences, and judged by what it has learned."""

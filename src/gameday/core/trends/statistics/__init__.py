"""What a handful of drills can prove, and what not. No formula here assumes a distribution."""

"""The only wiring: which adapter fills which port. What is heavy is imported where it is used."""

"""YAML and JSON files read with the place of every value, and with limits against bombs."""

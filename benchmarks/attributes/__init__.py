"""Attributes of people in photos against those of their characters: hair, beard, glasses, sex, age, smile, skin."""

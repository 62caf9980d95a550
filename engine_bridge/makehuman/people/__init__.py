"""Who is drawn at random: averages of the population, and looks that go together."""

"""Changes of the purchase rules, each of which the tests have to see."""

"""What the tests share: a house with a real sandbox, a real server and a clock that moves when told to."""

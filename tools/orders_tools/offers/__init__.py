"""What the catalogue says of an offer: information beside a purchase, which only a preview decides."""

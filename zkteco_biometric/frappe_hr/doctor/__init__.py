"""What makes a sync fail, found before a person has to look for it: one check after the other, each with its remedy."""

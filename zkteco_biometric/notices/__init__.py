"""What people are told of: troubles seen in facts, one incident each, from its beginning to its end. Pure."""

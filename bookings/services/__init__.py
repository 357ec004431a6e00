"""Use cases: a public function without a session is one transaction; one that takes a session is a part of others'."""

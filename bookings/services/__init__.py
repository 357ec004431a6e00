"""Use cases. A public function is one transaction; one that takes a session is a part of others."""

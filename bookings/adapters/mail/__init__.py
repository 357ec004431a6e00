"""Mail that leaves: composed (`compose`), sent by SMTP (`transport`) or kept in a `folder`."""

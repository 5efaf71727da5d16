"""The child's week as others would write it, on our tables and with our duties: token, session, right, transaction."""

"""What people are told: from a change in the table to an SMS, a reply or a private message."""

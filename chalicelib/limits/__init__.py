"""What a payer may spend: per transfer, day and month."""

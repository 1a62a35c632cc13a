"""What a payment costs: requests, imports, CPU, and how much Envoi adds to the bare AWS calls; never shipped."""

"""The deterministic simulator: the production code over a simulated AWS, in virtual time, drawn from one seed.

A *history* is a small bank for some minutes: 45 customers, 200 payments, an operator, the schedules. Each request and
each trigger is a process (a greenlet) that runs production functions; at each call to the outside (`wire`) it stops,
others run, and a fault may befall it (`faults`). Time is virtual, and every draw comes from the history's seed, so the
same seed tells the same history again (`story`).

What stands for AWS: `table` (DynamoDB with locks, tokens and reads that lag), `streams`, `queues` (SQS, SNS), `doors`
(keys, phones, the network). What happens: `scripts` (payers, by way of `customer`) and `desk` (operators, schedules).
What is checked: `invariants` and `attempts` at each commit on the items it touches, by a model of their own; every
answer of a confirm (`customer`); the whole once it has come to rest (`closing`), by production's audit too.

Besides chance, `crashpoints` plays every use case (`cases_of_*`, on a `stage`) with every fault at every call, and
`clause_mutants` drops and weakens every clause of every condition: something must bend. `recording` keeps what a
history's processes saw and wrote of accounts, for `serializability`.
`python -m tests.simulation` runs histories on all cores (`fleet`); `--replay SEED` tells one; `make simulate` runs a
million confirms. Orders enter read already, and the stream's items decoded (`shortcuts`): one in fifty goes the long
way and is compared.
"""

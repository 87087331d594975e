"""A portal to practise on: a process of its own, which checks, answers and remembers whatever it is sent.

It knows the standard (`packets.schemas`) and nothing of the office: not its database, not its sender. So a
delivery to it is proof that two sides which share no code but the schemas understand each other.
"""

"""Under which code a trial ran: the project's, a plug-in's, the same code moved."""

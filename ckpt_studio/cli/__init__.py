"""The command line (a contract, see CLI): one module per verb."""

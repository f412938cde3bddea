"""The Processing toolbox: every operation as an algorithm, with and without a window. No widgets here."""

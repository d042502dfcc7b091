"""Networks that compute in integers, taught by what they were in float."""

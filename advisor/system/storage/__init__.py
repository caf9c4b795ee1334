"""Stored data: what is kept, where it lies as it ages, in which form, and what that takes."""

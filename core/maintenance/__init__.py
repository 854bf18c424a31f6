"""Keeping an instance safe: backup, restore, and the doctor that tells what is amiss."""

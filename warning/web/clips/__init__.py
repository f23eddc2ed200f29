"""The recorder: which phrases are missing, spoken or uploaded, heard, replaced, retired."""

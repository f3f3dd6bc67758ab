"""What is given away: distributions, bill of materials, licences, workflows."""

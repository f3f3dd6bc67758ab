"""Make what is given away: the distributions, their bill of materials, the list of licences."""

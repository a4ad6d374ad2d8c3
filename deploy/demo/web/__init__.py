"""A small local web of invented sites, with feeds in which stories appear while one watches."""

"""A page of check-ins written at once, by HRMS's own rules."""

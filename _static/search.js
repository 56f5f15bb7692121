// Pages opened from a folder cannot be fetched for excerpts; their titles are found all the same.
"use strict";

if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

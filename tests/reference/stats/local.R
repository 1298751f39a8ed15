# Gi and Gi* scores from spdep, for local.py: reads cases from the first argument, writes to the second.
suppressPackageStartupMessages(library(spdep))
arguments <- commandArgs(trailingOnly = TRUE)
lines <- readLines(arguments[1])
values <- as.numeric(strsplit(lines[1], " ")[[1]])
neighbours <- lapply(strsplit(lines[-1], " "), function(x) as.integer(x) + 1L)
class(neighbours) <- "nb"
plain <- localG(values, nb2listw(neighbours, style = "W"))
starred <- localG(values, nb2listw(include.self(neighbours), style = "W"))
writeLines(c(paste(format(as.numeric(plain), digits = 17), collapse = " "),
             paste(format(as.numeric(starred), digits = 17), collapse = " "),
             as.character(packageVersion("spdep"))), arguments[2])

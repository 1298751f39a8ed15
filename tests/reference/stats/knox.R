# Knox statistic of surveillance, for clusters.py: distance matrices in, statistic out. Its simulated p-value
# shuffles the pairs, not the events, and is not compared.
suppressPackageStartupMessages(library(surveillance))
arguments <- commandArgs(trailingOnly = TRUE)
dt <- as.dist(as.matrix(read.table(arguments[1])))
ds <- as.dist(as.matrix(read.table(arguments[2])))
result <- knox(dt, ds, eps.t = as.numeric(arguments[3]), eps.s = as.numeric(arguments[4]), simulate.p.value = FALSE)
writeLines(c(format(unname(result$statistic), digits = 17), as.character(packageVersion("surveillance"))), arguments[5])

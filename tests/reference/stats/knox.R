# Knox test of surveillance, for clusters.py: distance matrices in, statistic and p-value out.
suppressPackageStartupMessages(library(surveillance))
arguments <- commandArgs(trailingOnly = TRUE)
dt <- as.dist(as.matrix(read.table(arguments[1])))
ds <- as.dist(as.matrix(read.table(arguments[2])))
set.seed(1)
result <- knox(dt, ds, eps.t = as.numeric(arguments[3]), eps.s = as.numeric(arguments[4]),
               simulate.p.value = TRUE, B = 9999)
writeLines(c(format(unname(result$statistic), digits = 17), format(result$p.value, digits = 17),
             as.character(packageVersion("surveillance"))), arguments[5])

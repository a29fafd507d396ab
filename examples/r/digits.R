# Trains and predicts through the flat interface of bouton, from R:   Rscript digits.R GLUE
# GLUE is the shared object that run.sh compiles from bouton_r.c.
dyn.load(commandArgs(trailingOnly = TRUE)[1])

text <- "
network sides { input image(4x4);  layer hidden = dense(20);  layer class = dense(4); }
data sides { npy train \"X.npy\", \"y.npy\";  values in [0, 1]; }
schedule { seed 1;  phase learn { correct hidden, class;  epochs 30;  batch 2; } }
"

# Bright rows in noise, one sample in each row of X. The class is the number of the row, from 0.
samples <- function(count) {
  y <- rep(0:3, length.out = count)
  X <- matrix(runif(count * 16, 0, 0.4), count)
  for (i in seq_len(count)) X[i, 4 * y[i] + 1:4] <- X[i, 4 * y[i] + 1:4] + 0.6
  list(X = X, y = y)
}

set.seed(7)
train <- samples(200)
test <- samples(100)
network <- .Call("r_bouton_compile", "sides.btn", text)
invisible(.Call("r_bouton_train", network, train$X, as.integer(train$y), function(epoch, accuracy) {
  if (epoch %% 10 == 0) cat(sprintf("epoch %d: %.1f%%\n", epoch, 100 * accuracy))
}))
answers <- .Call("r_bouton_predict", network, test$X)
cat(sprintf("bouton %s: %d of %d right\n", .Call("r_bouton_version"), sum(answers == test$y), length(answers)))
wrong <- tryCatch(.Call("r_bouton_compile", "m.btn", "network n { input vecto(3); }"), error = conditionMessage)
cat(strsplit(wrong, "\n")[[1]][1], "\n", sep = "")
if (mean(answers == test$y) < 0.9) quit(status = 1)

"""A competing layer as a transformer in a pipeline: 8x8 digits, without labels first.   python3 pipeline.py"""

from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from bouton import BoutonFeatures

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0)
pipe = make_pipeline(BoutonFeatures(filters=200, keep=10, sparse=True), LogisticRegression(max_iter=500))
pipe.fit(X, y)
features = pipe[0].transform(X_test)
print(f"{features.shape[1]} features, of which {features.nnz / features.shape[0]:.0f} are on for a digit")
print(f"test {pipe.score(X_test, y_test):.1%}")

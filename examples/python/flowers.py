"""A table, scikit-learn and cross-validation: the irises that scikit-learn brings along.   python3 flowers.py"""

from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, train_test_split

from bouton import BoutonClassifier

iris = load_iris()
X, X_test, y, y_test = train_test_split(iris.data, iris.target_names[iris.target], random_state=0)
search = GridSearchCV(BoutonClassifier(epochs=40), {"hidden": [(10,), (50,)]}, cv=3)
search.fit(X, y)
print(f"chosen {search.best_params_['hidden']}, cross-validation {search.best_score_:.1%}")
print(f"test {search.score(X_test, y_test):.1%}")
net = search.best_estimator_.network_
why = net.why(X_test[0])
print(f"the first flower is {search.classes_[why.answer]}, because of")
for name, added in why.top(2):
    print(f"  {iris.feature_names[int(name)]}: {added:+.3f}")

"""Estimators of scikit-learn and of the boosting libraries, by pickle, joblib and skops."""

import pickle

from make import path_of


def data():
    import numpy as np

    generator = np.random.default_rng(8)
    x = generator.normal(size=(40, 4))
    y = (x[:, 0] + 0.1 * x[:, 1] > 0).astype(int)
    return x, y


def estimators():
    import numpy as np
    from sklearn import calibration, cluster, compose, covariance, decomposition, discriminant_analysis
    from sklearn import ensemble, feature_extraction, feature_selection, gaussian_process, impute
    from sklearn import isotonic, kernel_approximation, linear_model, manifold, mixture, model_selection
    from sklearn import multiclass, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree

    x, y = data()
    words = ["the cat sat", "the dog ran", "a bird flew away", "cats and dogs"]
    logistic = linear_model.LogisticRegression()
    yield "linear_regression", linear_model.LinearRegression().fit(x, y)
    yield "logistic_regression", logistic.fit(x, y)
    yield "ridge_cv", linear_model.RidgeCV().fit(x, y)
    yield "lasso", linear_model.Lasso().fit(x, y)
    yield "sgd_classifier", linear_model.SGDClassifier(random_state=8).fit(x, y)
    yield "bayesian_ridge", linear_model.BayesianRidge().fit(x, y)
    yield "perceptron", linear_model.Perceptron().fit(x, y)
    yield "decision_tree", tree.DecisionTreeClassifier(max_depth=3, random_state=8).fit(x, y)
    yield "extra_trees", ensemble.ExtraTreesClassifier(3, max_depth=2, random_state=8).fit(x, y)
    yield "random_forest", ensemble.RandomForestClassifier(3, max_depth=2, random_state=8).fit(x, y)
    yield "gradient_boosting", ensemble.GradientBoostingClassifier(n_estimators=3, random_state=8).fit(x, y)
    yield "hist_gradient_boosting", ensemble.HistGradientBoostingClassifier(max_iter=2, random_state=8).fit(x, y)
    yield "ada_boost", ensemble.AdaBoostClassifier(n_estimators=3, random_state=8).fit(x, y)
    yield "bagging", ensemble.BaggingClassifier(n_estimators=2, random_state=8).fit(x, y)
    yield "voting", ensemble.VotingClassifier([("a", logistic), ("b", naive_bayes.GaussianNB())]).fit(x, y)
    yield "stacking", ensemble.StackingClassifier([("a", naive_bayes.GaussianNB())], logistic).fit(x, y)
    yield "isolation_forest", ensemble.IsolationForest(n_estimators=3, random_state=8).fit(x)
    yield "svc", svm.SVC(probability=False).fit(x, y)
    yield "linear_svc", svm.LinearSVC().fit(x, y)
    yield "one_class_svm", svm.OneClassSVM().fit(x)
    yield "k_neighbours_kd_tree", neighbors.KNeighborsClassifier(3, algorithm="kd_tree").fit(x, y)
    yield "k_neighbours_ball_tree", neighbors.KNeighborsRegressor(3, algorithm="ball_tree").fit(x, y)
    yield "kernel_density", neighbors.KernelDensity().fit(x)
    yield "local_outlier_factor", neighbors.LocalOutlierFactor(3, novelty=True).fit(x)
    yield "mlp", neural_network.MLPClassifier((4,), max_iter=20, random_state=8).fit(x, y)
    yield "k_means", cluster.KMeans(2, n_init=1, random_state=8).fit(x)
    yield "dbscan", cluster.DBSCAN().fit(x)
    yield "birch", cluster.Birch(n_clusters=2).fit(x)
    yield "gaussian_mixture", mixture.GaussianMixture(2, random_state=8).fit(x)
    yield "gaussian_process", gaussian_process.GaussianProcessClassifier(
        1.0 * gaussian_process.kernels.RBF(1.0) + gaussian_process.kernels.WhiteKernel()
    ).fit(x[:15], y[:15])
    yield "calibrated", calibration.CalibratedClassifierCV(svm.LinearSVC(), cv=2).fit(x, y)
    yield "gaussian_nb", naive_bayes.GaussianNB().fit(x, y)
    yield "multinomial_nb", naive_bayes.MultinomialNB().fit(abs(x), y)
    yield "pca", decomposition.PCA(2).fit(x)
    yield "truncated_svd", decomposition.TruncatedSVD(2).fit(x)
    yield "lda_topics", decomposition.LatentDirichletAllocation(2, max_iter=1, random_state=8).fit(abs(x))
    yield "lda", discriminant_analysis.LinearDiscriminantAnalysis().fit(x, y)
    yield "isotonic", isotonic.IsotonicRegression().fit(x[:, 0], y)
    yield "isomap", manifold.Isomap(n_neighbors=5).fit(x)
    yield "nystroem", kernel_approximation.Nystroem(n_components=5, random_state=8).fit(x)
    yield "covariance", covariance.EllipticEnvelope(random_state=8).fit(x)
    yield "one_vs_rest", multiclass.OneVsRestClassifier(logistic).fit(x, y)
    yield "select_k_best", feature_selection.SelectKBest(k=2).fit(x, y)
    yield "standard_scaler", preprocessing.StandardScaler().fit(x)
    yield "function_transformer", preprocessing.FunctionTransformer(np.log1p).fit(abs(x))
    yield "polynomial", preprocessing.PolynomialFeatures(2).fit(x)
    yield "one_hot", preprocessing.OneHotEncoder(handle_unknown="ignore").fit([["a"], ["b"]])
    yield "ordinal", preprocessing.OrdinalEncoder().fit([["a"], ["b"]])
    yield "label_encoder", preprocessing.LabelEncoder().fit(["a", "b"])
    yield "quantile", preprocessing.QuantileTransformer(n_quantiles=10).fit(x)
    yield "imputer", impute.SimpleImputer().fit(x)
    yield "knn_imputer", impute.KNNImputer().fit(x)
    yield "tfidf", feature_extraction.text.TfidfVectorizer().fit(words)
    yield "count_vectoriser", feature_extraction.text.CountVectorizer(ngram_range=(1, 2)).fit(words)
    yield "hashing", feature_extraction.text.HashingVectorizer(n_features=16)
    yield "dict_vectoriser", feature_extraction.DictVectorizer().fit([{"a": 1}, {"b": 2}])
    yield "pipeline", pipeline.make_pipeline(preprocessing.StandardScaler(), decomposition.PCA(2), svm.SVC()).fit(x, y)
    yield "text_pipeline", pipeline.make_pipeline(
        feature_extraction.text.TfidfVectorizer(), linear_model.LogisticRegression()
    ).fit(words, [0, 1, 0, 1])
    yield "column_transformer", compose.ColumnTransformer(
        [("scale", preprocessing.StandardScaler(), [0, 1]), ("bins", preprocessing.KBinsDiscretizer(2), [2])],
        remainder="passthrough",
    ).fit(x)
    yield "feature_union", pipeline.FeatureUnion([("a", decomposition.PCA(1)), ("b", preprocessing.MinMaxScaler())]).fit(x)
    yield "grid_search", model_selection.GridSearchCV(logistic, {"C": [0.1, 1.0]}, cv=2).fit(x, y)
    yield "transformed_target", compose.TransformedTargetRegressor(
        linear_model.LinearRegression(), func=np.log1p, inverse_func=np.expm1
    ).fit(x, y)


#: kept small in the repository: one file each, in turn by pickle of several protocols and joblib
def pickles(shelf):
    import joblib
    import sklearn

    version = "scikit-learn " + sklearn.__version__
    for number, (name, model) in enumerate(estimators()):
        way = number % 4
        if way == 3:
            path = path_of(f"sklearn/{name}.joblib")
            joblib.dump(model, path)
            shelf.put(path, "joblib", version, "joblib without compression")
        else:
            protocol = (2, 4, 5)[way]
            path = path_of(f"sklearn/{name}.pkl")
            with open(path, "wb") as file:
                pickle.dump(model, file, protocol=protocol)
            shelf.put(path, "pickle", version, f"protocol {protocol}")


def joblib_compressions(shelf):
    import joblib
    import numpy as np
    from sklearn.ensemble import RandomForestRegressor

    version = "joblib " + joblib.__version__
    x, y = data()
    model = {"model": RandomForestRegressor(2, max_depth=2, random_state=8).fit(x, y), "data": x, "names": ["a", "b"]}
    for kind in ("zlib", "gzip", "bz2", "lzma", "xz", "lz4"):
        path = path_of(f"joblib/forest_{kind}.joblib")
        joblib.dump(model, path, compress=(kind, 3))
        shelf.put(path, "joblib-" + kind, version, "compressed by joblib")
    for protocol in (2, 3, 4, 5):
        path = path_of(f"joblib/arrays_protocol{protocol}.joblib")
        arrays = {"a": np.arange(100.0), "b": np.asfortranarray(x), "c": np.array(["x", None], dtype=object), "d": 5}
        joblib.dump(arrays, path, protocol=protocol)
        shelf.put(path, "joblib", version, f"array bytes inline, protocol {protocol}")
    path = path_of("joblib/one_array.joblib")
    joblib.dump(np.arange(32, dtype="int16"), path)
    shelf.put(path, "joblib", version, "one array")


def boosting(shelf):
    import joblib
    import pickle

    x, y = data()
    import xgboost

    version = "xgboost " + xgboost.__version__
    model = xgboost.XGBClassifier(n_estimators=2, max_depth=2).fit(x, y)
    path = path_of("boosting/xgboost_classifier.pkl")
    with open(path, "wb") as file:
        pickle.dump(model, file)
    shelf.put(path, "pickle", version, "scikit-learn wrapper")
    path = path_of("boosting/xgboost_regressor.joblib")
    joblib.dump(xgboost.XGBRegressor(n_estimators=2, max_depth=2).fit(x, y), path)
    shelf.put(path, "joblib", version, "scikit-learn wrapper")
    for ending in ("json", "ubj"):
        path = path_of(f"boosting/xgboost.{ending}")
        model.save_model(path)
        shelf.put(path, "xgboost-" + ending, version, "model in its own format")
    import lightgbm

    version = "lightgbm " + lightgbm.__version__
    model = lightgbm.LGBMClassifier(n_estimators=2, num_leaves=3, verbose=-1, min_child_samples=2).fit(x, y)
    path = path_of("boosting/lightgbm_classifier.pkl")
    with open(path, "wb") as file:
        pickle.dump(model, file)
    shelf.put(path, "pickle", version, "scikit-learn wrapper")
    path = path_of("boosting/lightgbm.txt")
    model.booster_.save_model(path)
    shelf.put(path, "lightgbm-text", version, "model in its own format")


def catboost_models(shelf):
    import catboost

    version = "catboost " + catboost.__version__
    x, y = data()
    model = catboost.CatBoostClassifier(iterations=2, depth=2, verbose=0, allow_writing_files=False, random_seed=8).fit(x, y)
    path = path_of("boosting/catboost_classifier.pkl")
    with open(path, "wb") as file:
        pickle.dump(model, file)
    shelf.put(path, "pickle", version, "scikit-learn wrapper")
    for ending in ("cbm", "json"):
        path = path_of(f"boosting/catboost.{ending}")
        model.save_model(path, format=ending)
        shelf.put(path, "catboost-" + ending, version, "model in its own format")


def skops_models(shelf):
    import skops
    import skops.io

    version = "skops " + skops.__version__
    wanted = {"logistic_regression", "random_forest", "pipeline", "tfidf", "column_transformer", "k_neighbours_kd_tree",
              "svc", "grid_search", "k_means", "function_transformer", "hist_gradient_boosting", "sgd_classifier"}
    for name, model in estimators():
        if name in wanted:
            path = path_of(f"skops/{name}.skops")
            skops.io.dump(model, path)
            shelf.put(path, "skops", version, name)
    import numpy as np
    import zipfile

    path = path_of("skops/plain.skops")
    skops.io.dump({"a": np.arange(3), "b": [1, "x", None], "c": (1.5, True)}, path, compression=zipfile.ZIP_DEFLATED)
    shelf.put(path, "skops", version, "plain data, deflated")


FAMILIES = [pickles, joblib_compressions, boosting, catboost_models, skops_models]

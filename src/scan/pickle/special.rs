//! Globals whose verdict hangs on what they are given.

use super::machine::Machine;
use super::rating::{self, Rating, Use};
use super::value::{Kind, Value};

/// What is to be checked before a use of a global is harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    /// `getattr(object, 'name')`.
    Getattr,
    /// One argument is fine, more build or call something.
    OneArgument,
    /// A getter made of constant texts and numbers.
    Constants,
    /// `operator.attrgetter('name')`, which fetches whatever lies behind it.
    AttributeGetter,
    /// A function that is called on arguments and gives an array, to which a state is given.
    ArrayCall,
    /// `functools.partial(function, …)`.
    Partial,
    /// A type hint: `operator.getitem(typing.X, …)`.
    TypeHint,
    /// `_codecs.encode(text, codec)`.
    Encode,
    /// `copyreg.__newobj__` and its kin: the first argument is a class to be made.
    NewObject,
    /// `copyreg._reconstructor(class, base, state)`.
    Reconstructor,
    /// The first so many arguments are classes or functions that are allowed, or constants.
    Classes(u8),
    /// The first argument is called on the third.
    Calls,
    /// A type of numpy.
    Dtype,
    /// joblib's wrapper of an array that follows.
    Wrapper,
    /// joblib's wrapper of an array in another file.
    Elsewhere,
    /// `numpy.core._ufunc_reconstruct(module, name)`.
    Ufunc,
    /// A name of a generator of random bits, or one.
    Generator,
    /// `torch.storage._load_from_bytes`.
    LoadBytes,
    /// `FileResource` of sklearn-crfsuite, which writes and deletes the file of its name.
    Resource,
    /// No text stands under `_Booster`, which would be a path, nor under keys whose text is run.
    State,
}

/// The condition on the arguments of a global, where the machine knows one.
pub(super) fn condition(module: &str, name: &str) -> Option<Special> {
    let last = name.rsplit('.').next().unwrap_or(name);
    Some(match (module, name) {
        ("builtins" | "__builtin__", "getattr") => Special::Getattr,
        ("builtins" | "__builtin__", "type" | "iter") => Special::OneArgument,
        ("operator" | "_operator", "attrgetter") => Special::AttributeGetter,
        ("operator" | "_operator", "itemgetter") => Special::Constants,
        ("dill._dill", "_create_array") => Special::ArrayCall,
        ("jax._src.array", "_reconstruct_array") | ("jax._src.device_array", "reconstruct_device_array") => {
            Special::ArrayCall
        }
        ("operator" | "_operator", "getitem") => Special::TypeHint,
        ("_codecs" | "codecs", "encode") => Special::Encode,
        ("copyreg" | "copy_reg", "__newobj__" | "__newobj_ex__") => Special::NewObject,
        ("copyreg" | "copy_reg", "_reconstructor") => Special::Reconstructor,
        ("functools" | "_functools", "partial" | "partialmethod") => Special::Partial,
        ("collections" | "_collections", "defaultdict") => Special::Classes(1),
        ("types", "MethodType") => Special::Classes(1),
        ("numpy", "dtype") => Special::Dtype,
        (_, "NumpyArrayWrapper") => Special::Wrapper,
        (_, "NDArrayWrapper" | "ZNDArrayWrapper") => Special::Elsewhere,
        (_, "_ufunc_reconstruct") => Special::Ufunc,
        (_, "__bit_generator_ctor" | "__generator_ctor" | "__randomstate_ctor") => Special::Generator,
        (_, "_mareconstruct") => Special::Classes(2),
        (_, "_reconstruct" | "_DType_reconstruct" | "_new_Index" | "_new_DatetimeIndex" | "newObj") => {
            Special::Classes(1)
        }
        (_, "_rebuild_wrapper_subclass" | "_fa_rebuild_tensor" | "_fa_rebuild_qtensor") => Special::Classes(1),
        (_, "_rebuild_from_type" | "_rebuild_from_type_v2") => Special::Calls,
        ("torch.storage", "_load_from_bytes") => Special::LoadBytes,
        _ if last.starts_with("XGB") || last.starts_with("DaskXGB") || last.starts_with("rv_") => Special::State,
        ("xgboost.dask", "DaskScikitLearnBase") => Special::State,
        _ if module.starts_with("scipy.stats.") && last.ends_with("_gen") => Special::State,
        ("sklearn_crfsuite._fileresource", "FileResource") => Special::Resource,
        ("statsmodels.base.data", _) | ("skorch.net" | "skorch.classifier" | "skorch.regressor", _) => Special::State,
        ("e3nn.util.codegen._mixin" | "lightgbm.basic" | "xgboost.core", _) => Special::State,
        _ => return None,
    })
}

/// Modules with functions of numpy and scipy that are pickled by module and name.
const UFUNCS: &[&str] = &[
    "numpy",
    "numpy.core._multiarray_umath",
    "numpy._core._multiarray_umath",
    "numpy.core.umath",
    "numpy._core.umath",
    "scipy.special",
    "scipy.special._ufuncs",
];
/// Methods with an underscore that objects of frameworks are pickled with: module, class, method.
const METHODS: &[(&str, &str, &str)] = &[
    ("torch.optim.lr_scheduler", "OneCycleLR", "_annealing_cos"),
    ("torch.optim.lr_scheduler", "OneCycleLR", "_annealing_linear"),
    ("torch.optim.lr_scheduler", "CyclicLR", "_triangular_scale_fn"),
    ("torch.optim.lr_scheduler", "CyclicLR", "_triangular2_scale_fn"),
    ("torch.optim.lr_scheduler", "CyclicLR", "_exp_range_scale_fn"),
];

/// What a call of a global under a condition comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is harmless, and gives this.
    Gives(Value),
    /// It is not known to be harmless.
    Unknown,
    /// It does harm: "it …".
    Dangerous(&'static str),
}

impl Machine<'_> {
    /// Looks at the arguments of a call of global `index`.
    pub(super) fn check(&mut self, index: usize, special: Special, kind: Kind, arguments: Value) -> Outcome {
        let plain = Outcome::Gives(Value::new(kind, index as u64));
        let given = self.records.values(arguments);
        let Some((values, count)) = given.filter(|_| arguments.kind() == Kind::Tuple) else {
            return match special {
                Special::State | Special::Wrapper | Special::Elsewhere => plain,
                _ => Outcome::Unknown,
            };
        };
        match special {
            Special::Getattr => self.attribute(index, &values, count),
            Special::OneArgument if count <= 1 => plain,
            Special::OneArgument => Outcome::Dangerous("builds a class or calls what it is given"),
            Special::Constants => {
                let are_constant = values.iter().all(|value| self.is_plain_name(*value));
                if are_constant && values.len() as u64 == count { plain } else { Outcome::Unknown }
            }
            Special::AttributeGetter => Outcome::Unknown,
            Special::ArrayCall => self.array_call(&values),
            Special::Partial => match values.first().map(|first| (first.of(Kind::Global), *first)) {
                Some((Some(of), first)) if self.is_harmless(first) => Outcome::Gives(self.partial(index, of)),
                Some((None, first)) if self.is_harmless(first) => plain,
                _ => Outcome::Unknown,
            },
            Special::TypeHint => match values.first().and_then(|value| value.of(Kind::Global)) {
                Some(of) if matches!(self.global(of).rating, Rating::Allowed(_)) => plain,
                _ if self.is_result_of(values.first().copied(), "operator", "getitem") => plain,
                _ => Outcome::Unknown,
            },
            Special::Encode => match values.get(1) {
                None => plain,
                Some(codec) => match self.text(*codec).as_deref() {
                    Some(
                        "latin1" | "latin-1" | "iso-8859-1" | "ascii" | "utf-8" | "utf8" | "utf-16" | "utf-32"
                        | "raw_unicode_escape",
                    ) => match values.first().filter(|value| value.kind() == Kind::Text) {
                        Some(text) => {
                            let encoded = Value::new(Kind::Encoded, text.payload());
                            self.look_into_encoded(encoded);
                            Outcome::Gives(encoded)
                        }
                        None => plain,
                    },
                    _ => Outcome::Unknown,
                },
            },
            Special::NewObject => match values.first().and_then(|value| value.of(Kind::Global)) {
                Some(class) => self.made(class, arguments),
                None => Outcome::Unknown,
            },
            Special::Reconstructor => {
                let base = values.get(1).and_then(|value| value.of(Kind::Global));
                let is_known = base.is_some_and(|base| self.global(base).rating.allows(Use::New));
                match values.first().and_then(|value| value.of(Kind::Global)) {
                    Some(class) if is_known => self.made(class, arguments),
                    _ => Outcome::Unknown,
                }
            }
            Special::Classes(first) => {
                let are_known = values.iter().take(usize::from(first)).all(|value| self.is_harmless(*value));
                match values.first().and_then(|value| value.of(Kind::Global)) {
                    _ if !are_known => Outcome::Unknown,
                    Some(class) if self.makes_instances(index) => {
                        Outcome::Gives(Value::new(Kind::Instance, class as u64))
                    }
                    _ => plain,
                }
            }
            Special::Calls => self.calls(index, &values),
            Special::Dtype => self.dtype(index, &values),
            Special::Ufunc => {
                let texts = (values.first(), values.get(1));
                let (Some(module), Some(name)) = (texts.0.copied(), texts.1.copied()) else { return Outcome::Unknown };
                let (Some(module), Some(name)) = (self.text(module), self.text(name)) else { return Outcome::Unknown };
                if !UFUNCS.contains(&module.as_str()) {
                    return Outcome::Dangerous("takes any function of any module");
                }
                match rating::rate(&module, &name).0 {
                    Rating::Allowed(_) => plain,
                    Rating::Unknown => Outcome::Unknown,
                    Rating::Dangerous(sentence) => Outcome::Dangerous(sentence),
                }
            }
            Special::Generator => {
                let is_known = values.iter().take(2).all(|value| match value.kind() {
                    Kind::Text => matches!(
                        self.text(*value).as_deref(),
                        Some("MT19937" | "PCG64" | "PCG64DXSM" | "Philox" | "SFC64")
                    ),
                    Kind::Global | Kind::Result | Kind::Instance => {
                        self.global(value.payload() as usize).module.starts_with("numpy.random")
                            && self.is_harmless(*value)
                    }
                    _ => false,
                });
                if is_known { plain } else { Outcome::Unknown }
            }
            Special::LoadBytes => {
                match values.first().filter(|value| matches!(value.kind(), Kind::Octets | Kind::Encoded)) {
                    Some(octets) => {
                        self.nest(*octets);
                        plain
                    }
                    None => Outcome::Dangerous("loads a second pickle from bytes that it is given"),
                }
            }
            Special::Wrapper | Special::Elsewhere | Special::State | Special::Resource => plain,
        }
    }

    /// Whether a function gives an instance of the class that is its first argument.
    fn makes_instances(&self, index: usize) -> bool {
        let name = self.global(index).name.as_str();
        matches!(
            name,
            "_reconstruct"
                | "_mareconstruct"
                | "newObj"
                | "_new_Index"
                | "_rebuild_wrapper_subclass"
                | "_fa_rebuild_tensor"
                | "_fa_rebuild_qtensor"
        )
    }

    /// `_rebuild_from_type_v2(function, class, arguments, state)`: the function is called, and what it gives is
    /// made one of the class and given the state.
    fn calls(&mut self, index: usize, values: &[Value]) -> Outcome {
        let Some(called) = values.first().and_then(|value| value.of(Kind::Global)) else { return Outcome::Unknown };
        if !self.global(called).rating.allows(Use::Call) {
            return match self.global(called).rating {
                Rating::Dangerous(sentence) => Outcome::Dangerous(sentence),
                _ => Outcome::Unknown,
            };
        }
        if let Some(inner) = self.global(called).special {
            // Something that calls in its turn is never given here.
            if matches!(inner, Special::Calls | Special::Getattr | Special::Partial | Special::LoadBytes) {
                return Outcome::Unknown;
            }
            let Some(arguments) = values.get(2) else { return Outcome::Unknown };
            match self.check(called, inner, Kind::Result, *arguments) {
                Outcome::Gives(_) => {}
                other => return other,
            }
        }
        let plain = Outcome::Gives(Value::new(Kind::Result, index as u64));
        let Some(class) = values.get(1).and_then(|value| value.of(Kind::Global)) else { return Outcome::Unknown };
        if !matches!(self.global(class).rating, Rating::Allowed(_)) {
            return Outcome::Unknown;
        }
        if let Some(state) = values.get(3) {
            self.look_at_state(class, *state);
        }
        plain
    }

    /// `_create_array(_reconstruct, arguments, state, attributes)` of dill, and the like of jax.
    fn array_call(&mut self, values: &[Value]) -> Outcome {
        let danger = Outcome::Dangerous("calls the function that it is given");
        let Some(called) = values.first().and_then(|value| value.of(Kind::Global)) else { return danger };
        let of = self.global(called);
        let is_array = of.name == "_reconstruct"
            && matches!(of.module.as_str(), "numpy.core.multiarray" | "numpy._core.multiarray");
        let Some(arguments) = values.get(1).copied().filter(|_| is_array) else { return danger };
        self.look_for_bomb(called, arguments);
        self.check(called, Special::Classes(1), Kind::Result, arguments)
    }

    /// What `class.__new__` gives.
    fn made(&mut self, class: usize, arguments: Value) -> Outcome {
        let offset = self.now;
        self.used(class, Use::New, offset, Some(arguments));
        self.globals[class].is_called = true;
        let has_condition = !matches!(
            self.globals[class].special,
            None | Some(
                Special::State | Special::Resource | Special::Wrapper | Special::Elsewhere | Special::Classes(_)
            )
        );
        if has_condition {
            return Outcome::Unknown;
        }
        Outcome::Gives(Value::new(Kind::Instance, class as u64))
    }

    /// `getattr(object, 'name')`: harmless where the object is a class that is allowed and the name an
    /// ordinary one. What it gives is known where the tables have it by its dotted name.
    fn attribute(&mut self, index: usize, values: &[Value], count: u64) -> Outcome {
        let (Some(object), Some(name)) = (values.first(), values.get(1)) else { return Outcome::Unknown };
        let Some(name) = self.text(*name) else { return Outcome::Dangerous("fetches an attribute by a computed name") };
        if count > 3 {
            return Outcome::Unknown;
        }
        let is_inner = name.starts_with('_') && name != "_unpickle" || name.contains('.');
        if matches!(object.kind(), Kind::Global | Kind::Instance | Kind::Result) {
            let of = self.global(object.payload() as usize);
            if METHODS.contains(&(of.module.as_str(), of.name.as_str(), name.as_str())) {
                return Outcome::Gives(Value::new(Kind::Result, index as u64));
            }
        }
        match object.kind() {
            Kind::Global => {
                let of = self.global(object.payload() as usize);
                let (module, dotted) = (of.module.clone(), format!("{}.{name}", of.name));
                let is_class = matches!(of.rating, Rating::Allowed(_));
                match rating::rate(&module, &dotted).0 {
                    Rating::Allowed(_) => match self.intern(&module, &dotted) {
                        Some(made) => Outcome::Gives(Value::new(Kind::Global, made as u64)),
                        None => Outcome::Unknown,
                    },
                    Rating::Dangerous(sentence) => Outcome::Dangerous(sentence),
                    Rating::Unknown if is_class && !is_inner => Outcome::Gives(Value::new(Kind::Result, index as u64)),
                    Rating::Unknown => Outcome::Dangerous("fetches an attribute by name"),
                }
            }
            Kind::Result | Kind::Instance if self.is_scheduler(*object) && name.starts_with("_annealing_") => {
                Outcome::Gives(Value::new(Kind::Result, index as u64))
            }
            Kind::Result | Kind::Instance if !is_inner && self.is_harmless(*object) => {
                Outcome::Gives(Value::new(Kind::Result, index as u64))
            }
            _ if is_inner => Outcome::Dangerous("fetches an inner attribute by name"),
            _ => Outcome::Unknown,
        }
    }

    /// Whether a value is the scheduler of torch that keeps one of its own functions, which take numbers.
    fn is_scheduler(&self, value: Value) -> bool {
        let of = self.global(value.payload() as usize);
        of.module == "torch.optim.lr_scheduler" && of.name == "OneCycleLR"
    }

    /// Whether a value is data, or comes of a global that is allowed.
    fn is_harmless(&self, value: Value) -> bool {
        match value.kind() {
            Kind::Global | Kind::Result | Kind::Instance => {
                let of = self.global(value.payload() as usize);
                // An attribute of something is anything.
                let is_attribute = value.kind() == Kind::Result && of.special == Some(Special::Getattr);
                matches!(of.rating, Rating::Allowed(_)) && !is_attribute
            }
            Kind::Extension | Kind::Unknown => false,
            _ => true,
        }
    }

    fn is_result_of(&self, value: Option<Value>, module: &str, name: &str) -> bool {
        value.and_then(|value| value.of(Kind::Result)).is_some_and(|of| {
            let of = self.global(of);
            of.name == name && of.module.trim_start_matches('_') == module
        })
    }

    /// Whether a value is a number, or a text that is a name without dots and leading underscores.
    fn is_plain_name(&self, value: Value) -> bool {
        match value.kind() {
            Kind::Int | Kind::Null | Kind::Bool => true,
            Kind::Text => self.text(value).is_some_and(|text| !text.starts_with('_') && !text.contains('.')),
            _ => false,
        }
    }
}

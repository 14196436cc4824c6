//! The names that Python 3 takes for names of Python 2, where a pickle is of a protocol below 3.
//! Source: `_compat_pickle` of CPython.

/// Module and name as Python 3 looks them up.
pub(super) fn renamed<'n>(module: &'n str, name: &'n str) -> (&'n str, &'n str) {
    match (module, name) {
        ("__builtin__", "basestring" | "unicode") => return ("builtins", "str"),
        ("__builtin__", "intern") => return ("sys", "intern"),
        ("__builtin__", "long") => return ("builtins", "int"),
        ("__builtin__", "reduce") => return ("functools", "reduce"),
        ("__builtin__", "unichr") => return ("builtins", "chr"),
        ("__builtin__", "xrange") => return ("builtins", "range"),
        ("UserDict", "IterableUserDict") => return ("collections", "UserDict"),
        ("exceptions", "StandardError") => return ("builtins", "Exception"),
        ("itertools", "ifilter") => return ("builtins", "filter"),
        ("itertools", "imap") => return ("builtins", "map"),
        ("itertools", "izip") => return ("builtins", "zip"),
        ("itertools", "ifilterfalse") => return ("itertools", "filterfalse"),
        ("itertools", "izip_longest") => return ("itertools", "zip_longest"),
        ("_socket", "fromfd") => return ("socket", "fromfd"),
        ("socket", "_socketobject") => return ("socket", "SocketType"),
        ("_multiprocessing", "Connection") => return ("multiprocessing.connection", "Connection"),
        ("multiprocessing.process", "Process") => return ("multiprocessing.context", "Process"),
        ("multiprocessing.forking", "Popen") => return ("multiprocessing.popen_fork", "Popen"),
        ("urllib2", "HTTPError" | "URLError") | ("urllib", "ContentTooShortError") => return ("urllib.error", name),
        _ => {}
    }
    let module = match (module, name) {
        ("urllib", "quote" | "quote_plus" | "unquote" | "unquote_plus" | "urlencode") => "urllib.parse",
        ("urllib", "urlopen" | "urlretrieve" | "urlcleanup" | "getproxies" | "pathname2url" | "url2pathname") => {
            "urllib.request"
        }
        ("__builtin__" | "exceptions", _) => "builtins",
        ("BaseHTTPServer" | "CGIHTTPServer" | "SimpleHTTPServer", _) => "http.server",
        ("ConfigParser", _) => "configparser",
        ("Cookie", _) => "http.cookies",
        ("DocXMLRPCServer" | "SimpleXMLRPCServer", _) => "xmlrpc.server",
        ("HTMLParser", _) => "html.parser",
        ("Queue", _) => "queue",
        ("SocketServer", _) => "socketserver",
        ("StringIO" | "cStringIO", _) => "io",
        ("Tkinter", _) => "tkinter",
        ("FileDialog" | "tkFileDialog", _) => "tkinter.filedialog",
        ("SimpleDialog" | "tkSimpleDialog", _) => "tkinter.simpledialog",
        ("Dialog", _) => "tkinter.dialog",
        ("ScrolledText", _) => "tkinter.scrolledtext",
        ("tkMessageBox", _) => "tkinter.messagebox",
        ("UserDict" | "UserList" | "UserString", _) => "collections",
        ("_abcoll", _) => "collections.abc",
        ("_elementtree", _) => "xml.etree.ElementTree",
        ("_winreg", _) => "winreg",
        ("anydbm" | "whichdb", _) => "dbm",
        ("dbhash", _) => "dbm.bsd",
        ("dbm", _) => "dbm.ndbm",
        ("dumbdbm", _) => "dbm.dumb",
        ("gdbm", _) => "dbm.gnu",
        ("cPickle", _) => "pickle",
        ("commands", _) => "subprocess",
        ("cookielib", _) => "http.cookiejar",
        ("copy_reg", _) => "copyreg",
        ("dummy_thread", _) => "_dummy_thread",
        ("htmlentitydefs", _) => "html.entities",
        ("httplib", _) => "http.client",
        ("markupbase", _) => "_markupbase",
        ("repr", _) => "reprlib",
        ("robotparser", _) => "urllib.robotparser",
        ("test.test_support", _) => "test.support",
        ("thread", _) => "_thread",
        ("urllib2", _) => "urllib.request",
        ("urlparse", _) => "urllib.parse",
        ("xmlrpclib", _) => "xmlrpc.client",
        (other, _) => other,
    };
    (module, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_names_are_those_of_the_table() {
        for (module, name, expected) in [
            ("__builtin__", "eval", ("builtins", "eval")),
            ("__builtin__", "reduce", ("functools", "reduce")),
            ("commands", "getoutput", ("subprocess", "getoutput")),
            ("itertools", "imap", ("builtins", "map")),
            ("urllib", "urlopen", ("urllib.request", "urlopen")),
            ("urllib", "other", ("urllib", "other")),
            ("urllib2", "URLError", ("urllib.error", "URLError")),
            ("_socket", "fromfd", ("socket", "fromfd")),
            ("numpy", "ndarray", ("numpy", "ndarray")),
        ] {
            assert_eq!(renamed(module, name), expected, "{module}.{name}");
        }
    }
}

import { functions, type NativeModule, nativeModule, otherNames } from "./nativeModule.ts";

/** Modules that can be imported and of which nothing is interpreted: every name in them is unknown. */
const names = `_collections_abc _thread aifc array asyncio asyncio.events base64 binascii bz2 calendar cgi cmath codecs
 concurrent.futures.process concurrent.futures.thread configparser cProfile csv ctypes ctypes.util curses dbm decimal difflib
 dis distutils distutils.version email email.mime email.mime.text email.utils encodings errno faulthandler fcntl filecmp
 fnmatch fractions ftplib getopt getpass gettext glob grp gzip hashlib hmac html html.parser http http.client http.server
 importlib._bootstrap ipaddress keyword linecache locale lzma mimetypes mmap multiprocessing multiprocessing.connection
 multiprocessing.context multiprocessing.dummy multiprocessing.managers multiprocessing.pool multiprocessing.process
 multiprocessing.queues multiprocessing.shared_memory multiprocessing.util netrc optparse pdb pickletools plistlib
 poplib pstats pty pwd py_compile pydoc quopri readline resource runpy secrets select selectors shelve shlex
 shutil signal smtplib socket socketserver sqlite3 ssl stat string.templatelib struct subprocess symtable sysconfig
 syslog tarfile telnetlib tempfile termios timeit tkinter tokenize tomllib tracemalloc tty
 unicodedata unittest.mock urllib.error urllib.parse urllib.request urllib.response uuid venv webbrowser winreg xml
 xml.dom xml.dom.minidom xml.etree xml.etree.ElementTree xml.sax xmlrpc zipapp zipfile zipimport zlib zoneinfo`;

export const openModules: readonly NativeModule[] = names
  .split(/\s+/)
  .map((name) => nativeModule(name, () => functions(otherNames(name))));

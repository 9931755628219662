import { fileClass, memoryFile, openFile } from "../builtins/files.ts";
import { native } from "../native.ts";
import { types } from "../types.ts";
import { functions, nativeModule, otherNames } from "./nativeModule.ts";

export const fileIo = nativeModule("io", () => ({
  StringIO: memoryFile("StringIO", false),
  BytesIO: memoryFile("BytesIO", true),
  TextIOWrapper: fileClass,
  TextIOBase: fileClass,
  IOBase: fileClass,
  RawIOBase: fileClass,
  BufferedIOBase: fileClass,
  BufferedReader: fileClass,
  UnsupportedOperation: types.object,
  SEEK_SET: 0,
  ...functions(
    native("open(file, mode='r', *args, **kwargs)", (py, file, mode) => openFile(py, file, mode)),
    otherNames("io"),
  ),
}));

# ppinfer_python_package(NAME OUT): OUT becomes the folder of an installed Python package, or empty. The package isn't
# imported. site-packages is searched as well because pip's isolated builds hide it from the import system.
find_package(Python3 3.10 COMPONENTS Interpreter QUIET)

function(ppinfer_python_package name out)
  set(folder "")
  if(Python3_FOUND)
    execute_process(COMMAND ${Python3_EXECUTABLE} -c "
import importlib.util, os, sysconfig
spec = importlib.util.find_spec('${name}')
folders = list(spec.submodule_search_locations or []) if spec else []
folders += [os.path.join(sysconfig.get_paths()[key], '${name}') for key in ('platlib', 'purelib')]
print(next((folder for folder in folders if os.path.isdir(folder)), ''))"
      OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  set(${out} "${folder}" PARENT_SCOPE)
endfunction()

# Warnings of our own targets; nothing global, so that a project that adds ppinfer keeps its own flags.
function(ppinfer_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wold-style-cast)
  if(PPINFER_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

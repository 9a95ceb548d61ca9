# Set PPINFER_SANITIZE=address,undefined or =thread, for every target of ours.
function(ppinfer_sanitize target)
  if(PPINFER_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${PPINFER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_compile_definitions(${target} PRIVATE PPINFER_SANITIZED)
    target_link_options(${target} PRIVATE -fsanitize=${PPINFER_SANITIZE})
  endif()
endfunction()

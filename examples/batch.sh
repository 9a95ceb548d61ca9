#!/usr/bin/env bash
# Classify several folders on several machines, with one file of records for each folder and machine.
#
#   examples/batch.sh MODEL I/N RECORDS_FOLDER FOLDER...
#   examples/batch.sh models/efficientnet_lite0 1/2 records models/sample_photos   # and 2/2 on the second machine
#
# I/N is this machine's shard of the images. models/sample_photos gets the records models__sample_photos.1-of-2.jsonl.
# After a stop, the same command resumes the run and leaves out folders that are complete. Exit codes, of the folders
# that this call classified: 0 every image was classified; 1 some images failed, their records give the reason; 3 more
# than 5 % of a folder's images failed, so its run stopped; another code is the one of the failed `ppinfer classify`.
set -euo pipefail

if [ $# -lt 4 ]; then
  sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
model=$1 shard=$2 records_folder=$3
shift 3

mkdir -p -- "$records_folder"
worst=0
for folder in "$@"; do
  name=${folder%/} # the whole path: two folders may have the same last name
  records=$records_folder/${name//\//__}.${shard/\//-of-}.jsonl
  if [ -e "$records" ]; then continue; fi
  code=0
  ppinfer classify -m "$model" --shard "$shard" --max-errors 5% --resume --output "$records" -- "$folder" || code=$?
  case $code in
    0) ;;
    1 | 3) # of the images: the other folders may be good
      echo "$folder: exit code $code" >&2
      if [ "$code" -gt "$worst" ]; then worst=$code; fi
      ;;
    *) exit "$code" ;; # usage, model or disk, or Ctrl-C: the next folder would fail, too
  esac
done
exit "$worst"

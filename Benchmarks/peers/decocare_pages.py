# Runs under Python 2.7: times decocare's page decoder on the given pages.
# Usage: decocare_pages.py SECONDS MODEL FILE...   prints: pages seconds records
# decocare is somebody else's program, installed on demand; it is run here, and nothing of it is kept in this project.
import sys
import time

from decocare import history, models

seconds, model = float(sys.argv[1]), sys.argv[2]
pump = getattr(models, "Model" + model)(model, None)
pages = [bytearray(open(name, "rb").read()) for name in sys.argv[3:]]


def decode(page):
    return len(history.HistoryPage(page, pump).decode(larger=False))


records = sum(decode(page) for page in pages)
count = 0
start = time.time()
while time.time() - start < seconds:
    for page in pages:
        decode(page)
    count += len(pages)
print("%d %.6f %d" % (count, time.time() - start, records))

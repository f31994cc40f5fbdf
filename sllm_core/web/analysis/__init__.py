"""What `POST /analyze` asks and is answered: the lines of a request, judged beside the streams and as they are."""

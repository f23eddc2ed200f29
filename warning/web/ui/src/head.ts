// A village head's page: hear the script, and answers that wait for the network by themselves.
import { outbox } from "./outbox";
import "./relay";

outbox();
